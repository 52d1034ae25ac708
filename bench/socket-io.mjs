// The reference of `upgrade`: a Socket.IO server without a database, in a process of its own. Says its port, and ends with its parent.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { serveClient: false, transports: ['websocket'] });
io.on('connection', () => undefined);
http.listen(0, '127.0.0.1', () => process.send(http.address().port));
process.once('disconnect', () => process.exit());
