import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { LookupsModule } from '../lookups/lookups.module.js';
import { RecipientTokensModule } from '../recipients/recipient-tokens.module.js';
import { ConnectionEvents } from './connection-events.js';
import { ConnectionsDrain } from './connections-drain.js';
import { CutOffs } from './cut-offs.js';
import { DeliverySpans } from './delivery-spans.js';
import { Door } from './door.js';
import { Drainer } from './drainer.js';
import { GatewayGauges } from './gateway-gauges.js';
import { GlobalFanOut } from './global-fan-out.js';
import { GlobalFeeds } from './global-feeds.js';
import { Heartbeat } from './heartbeat.js';
import { Hub } from './hub.js';
import { LookupAnswers } from './lookup-answers.js';
import { OpeningSnapshots } from './opening-snapshots.js';
import { PushGateway } from './push.gateway.js';
import { Reconciler } from './reconciler.js';
import { Sender } from './sender.js';
import { Trail } from './trail.js';

/** The WebSocket endpoint: the door, the connections of this node, and what is sent to them. */
@Module({
  imports: [RecipientTokensModule, DeliveryModule, LookupsModule],
  providers: [
    Door,
    Hub,
    OpeningSnapshots,
    Drainer,
    Sender,
    GlobalFeeds,
    GlobalFanOut,
    Heartbeat,
    Reconciler,
    ConnectionsDrain,
    CutOffs,
    LookupAnswers,
    ConnectionEvents,
    PushGateway,
    Trail,
    DeliverySpans,
    GatewayGauges,
  ],
})
export class GatewayModule {}
