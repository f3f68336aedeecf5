"""What people look at: tables of runs, and their files."""
