"""What agreement costs on machines that we do not have: `invoke model`."""
