"""Sends what the engine has put out: letters by SMTP, notices to programs by HTTP. No room: nobody looks at it."""
