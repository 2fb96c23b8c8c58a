"""The verbs before a run: a project, its settings, agents, frameworks, prompts and checks."""
