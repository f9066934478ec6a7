"""Other systems, run on the same emulated machine as ours."""
