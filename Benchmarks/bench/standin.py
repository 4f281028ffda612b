"""An outside system that notes when it was asked."""
import asyncio
import threading
import time


class StandIn:
    """Answers each request with `status` and a JSON object that Slack's client takes for success."""

    def __init__(self, status=200):
        self.status = status
        self.asked = []
        """When each request came, by time.monotonic()."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.server.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                self.asked.append(time.monotonic())
                length = head.partition(b"content-length:")[2].split(b"\r\n")[0].strip()
                await reader.readexactly(int(length or 0))
                body = b'{"ok":true,"channel":"C111","ts":"1.2"}'
                writer.write(b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                             % (self.status, len(body), body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
