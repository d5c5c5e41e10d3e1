"""What browsers and machines look at beside the API."""
