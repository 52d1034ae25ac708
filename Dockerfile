# Homing with a PostgreSQL of your own: the embedded one is left out. Every step is run by `npm run test:image` where no
# container engine is at hand.
ARG NODE=node:24-bookworm-slim

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The compiler alone is needed: no program of a package is run.
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Types, maps and what is built for browsers serve nobody here.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete \
  && rm -rf node_modules/typeorm/browser

FROM ${NODE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# The pages are served from the sources.
COPY src/graphql/console/page src/graphql/console/page
COPY src/admin/page src/admin/page
COPY src/tour/page src/tour/page
COPY package.json ./
COPY deploy/healthcheck.mjs deploy/healthcheck.mjs
# By its number, so that Kubernetes sees that it is not root (runAsNonRoot). It owns nothing here, and nothing is written.
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "dist/src/main.js"]
