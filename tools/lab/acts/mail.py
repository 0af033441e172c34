"""Reads mail over IMAP or sends mail over SMTP, with pauses as a person makes them: mail.py imap|smtp TIMES"""
import imaplib
import os
import random
import smtplib
import sys
import time
from email.message import EmailMessage


def read():
    box = imaplib.IMAP4("mail", timeout=10)
    box.login("alice", os.environ["PASSWORD"])
    _, (count,) = box.select("INBOX")
    for number in random.sample(range(1, int(count) + 1), min(4, int(count))):
        box.fetch(str(number), "(RFC822)")
        time.sleep(random.uniform(0.3, 2))
    box.noop()
    box.logout()


def send():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "alice@office.example", "bob@office.example", "minutes"
    message.set_content("The minutes are attached.\n" * random.randint(3, 60))
    if random.random() < 0.5:
        message.add_attachment(os.urandom(random.randint(5_000, 250_000)), maintype="application", subtype="pdf", filename="minutes.pdf")
    with smtplib.SMTP("mail", 25, timeout=10) as server:
        server.send_message(message)


for _ in range(int(sys.argv[2])):
    {"imap": read, "smtp": send}[sys.argv[1]]()
    time.sleep(random.uniform(1, 5))
