// push: `pushMessage` to one connected recipient each, 16 backends at once, until DELIVERED is stored. Reference, in turn with it:
// bare single-row INSERTs from 16 connections of the same process into the same database.
import { comparePushes } from './push-rate.mjs';

await comparePushes('push', 'messages a second until DELIVERED is stored, pushed one by one, beside bare INSERTs', {
  each: 1,
  goal: 0.35,
});
