# Serves task folders. Build:  docker build -t engraft .
# Run:   docker run --rm --read-only -p 127.0.0.1:8080:8080 -e ENGRAFT_TOKEN \
#          -v "$PWD/models:/tasks:ro" engraft serve /tasks/spam.engraft --host 0.0.0.0
FROM node:20-bookworm-slim AS build
WORKDIR /engraft
COPY . .
# onnxruntime-node comes with the libraries of all systems; those of others are two thirds of it.
RUN npm ci --no-audit --no-fund && npm run build && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v6/darwin node_modules/onnxruntime-node/bin/napi-v6/win32

FROM node:20-bookworm-slim
ENV NODE_ENV=production ORT_DISABLE_TELEMETRY=1
WORKDIR /engraft
COPY --from=build /engraft/package.json ./
COPY --from=build /engraft/node_modules node_modules
COPY --from=build /engraft/packages packages
COPY --from=build /engraft/models models
USER node
EXPOSE 8080
HEALTHCHECK --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "packages/engraft/bin/engraft.js"]
CMD ["--help"]
