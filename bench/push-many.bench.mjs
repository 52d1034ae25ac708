// push-many: `pushMessage` to 100 recipients each, 16 backends at once, each to recipients of its own, all 1,600 of them connected,
// until DELIVERED is stored. Reference, in turn with it: bare single-row INSERTs from 16 connections of the same process into
// the same database.
import { comparePushes } from './push-rate.mjs';

await comparePushes('push-many', 'messages a second until DELIVERED is stored, 100 a push, beside bare INSERTs', {
  each: 100,
  goal: 1,
});
