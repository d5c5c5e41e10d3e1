"""What a run found, told to people, to programs and to CI."""
