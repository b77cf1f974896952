# One static binary and nothing else. `make images` builds it; no base image is pulled.
FROM scratch
COPY bin/disseminator /disseminator
USER 65532:65532
# gRPC on 50060 + NODE_ID. The check asks that port, so it needs no shell and no extra tool.
HEALTHCHECK --interval=5s --timeout=3s --retries=3 CMD ["/disseminator", "healthcheck"]
ENTRYPOINT ["/disseminator"]
