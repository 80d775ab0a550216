"""An event loop in a thread of its own, for the servers that the harness plays."""

import asyncio
import threading


class Background:
    """Serves one port until it is closed; `serve_one` handles a connection."""

    def __init__(self, serve_one):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.start_server(self._contained(serve_one), "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]

    @staticmethod
    def _contained(serve_one):
        async def serve(reader, writer):
            try:
                await serve_one(reader, writer)
            # The other end was killed, or the run is over.
            except (OSError, EOFError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        return serve

    def close(self):
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self):
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
