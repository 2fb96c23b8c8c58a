"""How files from users and strangers are read: bounded, whole, and with a line for each defect."""
