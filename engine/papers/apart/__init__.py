"""Programs that run in a process of their own, with limits: see `limited`. Each is started by its file and imports nothing of ours."""
