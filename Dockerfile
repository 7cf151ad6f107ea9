# The image of the sidecar, for amd64 and arm64. `npm run image` builds it without a registry; deploy/README.md says how
# else. Both bases can be replaced: BUILD_BASE needs Node, npm, a shell and binutils, RUNTIME_BASE nothing but libc,
# libgcc and libstdc++.
ARG BUILD_BASE=docker.io/library/node:24.21.0-bookworm
ARG RUNTIME_BASE=gcr.io/distroless/cc-debian12:nonroot

# Symbols and debug information are 18 MB of Node. This stage alone is of the target's platform.
FROM ${BUILD_BASE} AS node
RUN strip -o /node /usr/local/bin/node

# Whatever the target, this runs on the builder's own platform: all native addons come compiled.
FROM --platform=${BUILDPLATFORM} ${BUILD_BASE} AS package
WORKDIR /package
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY tools/bundle tools/bundle
RUN node_modules/.bin/tsc -p tsconfig.build.json --declaration false && node tools/bundle/bundle-programs.ts dist programs

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
ARG TARGETARCH
RUN npm ci --ignore-scripts --omit=dev --os=linux --libc=glibc --cpu="$(echo "${TARGETARCH}" | sed s/amd64/x64/)"
COPY tools/image/package-folder.ts /package/tools/image/
ARG REVISION
ARG SOURCE_DATE_EPOCH
RUN node /package/tools/image/package-folder.ts && rm package-lock.json .npmrc && mv /package/programs dist
COPY LICENSE ./

FROM ${RUNTIME_BASE}
COPY --from=node /node /usr/local/bin/node
COPY --from=package /app /app
ENV PATH=/usr/local/bin:/usr/bin:/bin
# Of the metrics plane: limits measured in docs/footprint.md, and no code made of text. Each swarm is started with arguments of
# its own, which these do not change.
ENV NODE_OPTIONS="--max-old-space-size=96 --max-semi-space-size=1 --disallow-code-generation-from-strings --disable-proto=delete"
# glibc otherwise gives each thread a room of its own for what it allocates: 3 MiB more in the metrics plane.
ENV MALLOC_ARENA_MAX=1
WORKDIR /etc/leanmesh
USER 65532:65532
EXPOSE 9464
ENTRYPOINT ["/usr/local/bin/node", "/app/dist/cli/main.js"]
CMD ["run"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 \
  CMD ["/usr/local/bin/node", "/app/dist/cli/main.js", "health"]
ARG VERSION
ARG REVISION
ARG CREATED
LABEL org.opencontainers.image.title="leanmesh" \
      org.opencontainers.image.description="OpenTelemetry sidecar that publishes the gossipsub mesh of a Lean Ethereum network" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/leanmesh/leanmesh" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
