"""Generated invocations against the model of capabilities: on this computer, and as a guest made them."""
