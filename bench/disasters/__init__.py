"""What can befall a gallery while it is written? Kills, cuts of power, full disks, and how what it holds is judged."""
