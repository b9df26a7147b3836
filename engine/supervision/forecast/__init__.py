"""When open cases will likely end, and how likely they miss their promise and the law; learned on the office's own history."""
