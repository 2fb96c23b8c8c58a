"""What a verb starts and leaves on disk: runs, forks, evaluations, imports and the care of a memory."""
