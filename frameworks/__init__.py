"""Value theories as data: one YAML file each (METHOD.md section 1, "framework")."""
