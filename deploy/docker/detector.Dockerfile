# One static binary and nothing else. `make images` builds it; no base image is pulled.
FROM scratch
COPY bin/detector /detector
USER 65532:65532
# gRPC on 50050 + NODE_ID. The check asks that port, so it needs no shell and no extra tool.
HEALTHCHECK --interval=5s --timeout=3s --retries=3 CMD ["/detector", "healthcheck"]
ENTRYPOINT ["/detector"]
