# The image of every process of phase3; without arguments it runs the worker. See docs/how-to/deploy-with-compose.md.
# Debian, not Alpine: the native parts of Temporal and DuckDB need glibc.
ARG NODE=node:22-bookworm-slim

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No scripts: `prepare` would build, and the sources come below, so that this layer lasts as long as the packages do.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
# dist/ with the workflow bundle: a worker never bundles. The image has no git, so the commit is told:
# `docker build --build-arg PHASE3_COMMIT=$(git rev-parse HEAD)`.
ARG PHASE3_COMMIT
RUN npm run build

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No scripts here either: the native parts come as packages of their own. npm installs TypeScript in spite of `--omit=dev`,
# because it is an optional peer of valibot, which needs it for its types only.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/typescript node_modules/.bin/tsc node_modules/.bin/tsserver

FROM ${NODE}
# Temporal's core reads the system's root certificates, which the slim image lacks. tini reaps, and hands on signals.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node /var/lib/phase3
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY bin bin
RUN ln -s /app/bin/phase3.js /usr/local/bin/phase3
ENV NODE_ENV=production PHASE3_HOME=/var/lib/phase3
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["node", "--enable-source-maps", "dist/src/worker.js"]
