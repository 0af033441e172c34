"""A small SMTP server on port 25 that accepts and discards mail."""
import asyncio


async def session(reader, writer):
    async def say(text):
        writer.write(text.encode() + b"\r\n")
        await writer.drain()
    try:
        await say("220 mail.office.example ESMTP")
        while line := await reader.readline():
            word = line.strip().upper()
            if word.startswith(b"EHLO"):
                await say("250-mail.office.example\r\n250-8BITMIME\r\n250 SIZE 20000000")
            elif word.startswith(b"DATA"):
                await say("354 end with a point")
                while (await reader.readline()).rstrip() != b".":
                    pass
                await say("250 queued")
            elif word.startswith(b"QUIT"):
                await say("221 bye")
                break
            else:
                await say("250 ok")
    except OSError:
        pass
    writer.close()


async def main():
    await asyncio.start_server(session, "0.0.0.0", 25, limit=1 << 20)
    await asyncio.Event().wait()


asyncio.run(main())
