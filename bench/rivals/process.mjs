// A rival, a process of its own: sends a text to everybody who is connected, and neither stores nor proves anything.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { answerOrders } from '../answer-orders.mjs';

const rivals = {
  /** The least that a server in Node can do. */
  ws: (http) => {
    const server = new WebSocketServer({ server: http, perMessageDeflate: false });
    server.on('connection', (socket) => greeting.forEach((text) => socket.send(text)));
    return (text) => {
      for (const socket of server.clients) socket.send(text);
    };
  },
  /** As it comes, but for the transport. */
  'socket.io': (http) => {
    const io = new Server(http, { serveClient: false, transports: ['websocket'] });
    io.on('connection', () => undefined);
    return (text) => io.emit('message', text);
  },
};

const http = createServer();
let broadcast;
let greeting = [];

answerOrders({
  listen: ({ rival }) =>
    new Promise((resolve) => {
      broadcast = rivals[rival](http);
      http.listen(0, '127.0.0.1', () => resolve(http.address().port));
    }),
  broadcast: ({ text }) => broadcast(text),
  /** Whoever connects from now on to `ws` is sent these texts. */
  greet: ({ texts }) => {
    greeting = texts;
  },
});
