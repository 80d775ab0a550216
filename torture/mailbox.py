"""A mail server that keeps what it is given, and fails when it is told to."""

import time
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default

from background import Background


@dataclass
class Letter:
    message_id: str
    recipient: str
    subject: str
    # Seconds on the monotonic clock.
    kept_at: float
    # Whether the sender was told that the letter is kept.
    was_confirmed: bool

    @property
    def job_id(self):
        """The shop names a mail after the job that sends it, at every try."""
        return self.message_id.strip("<>").split("@")[0]

    def moved(self, seconds):
        """The same letter at another time."""
        return replace(self, kept_at=self.kept_at + seconds)


# What the server can suffer from: `absent` greets with 421, `refusing` takes no sender, `mute` keeps the letter and closes the
# line without a word, `forgetful` closes it without keeping the letter.
TROUBLES = ["absent", "refusing", "mute", "forgetful"]


class Mailbox:
    def __init__(self):
        self.letters = []
        # One of the troubles, or `None`.
        self.trouble = None
        self._background = Background(self._serve_one)
        self.port = self._background.port
        self.url = f"smtp://127.0.0.1:{self.port}"

    async def _serve_one(self, reader, writer):
        async def say(line):
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        if self.trouble == "absent":
            return await say("421 the mail server is down for a while")
        await say("220 mailbox ESMTP")
        recipient = ""
        while line := (await reader.readline()).decode(errors="replace").strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                await say("250-mailbox\r\n250 8BITMIME")
            elif verb == "MAIL" and self.trouble == "refusing":
                await say("451 4.3.0 try again later")
            elif verb == "RCPT":
                recipient = line.split("<", 1)[1].split(">", 1)[0]
                await say("250 ok")
            elif verb == "DATA":
                await say("354 go on")
                text = await reader.readuntil(b"\r\n.\r\n")
                trouble = self.trouble
                if trouble != "forgetful":
                    self._keep(recipient, text, was_confirmed=trouble != "mute")
                if trouble in ("mute", "forgetful"):
                    return
                await say("250 kept")
            elif verb == "QUIT":
                return await say("221 bye")
            else:
                await say("250 ok")

    def _keep(self, recipient, text, was_confirmed):
        message = message_from_bytes(text, policy=default)
        letter = Letter(str(message["Message-ID"]).strip(), recipient, str(message["Subject"]), time.monotonic(), was_confirmed)
        self.letters.append(letter)

    def close(self):
        self._background.close()
