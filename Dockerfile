# Two stages: Swift builds, a small Debian runs. Both bases are arguments.
ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libarchive-dev libcurl4-openssl-dev libre2-dev libsqlite3-dev libssl-dev pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.* ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product defimon --static-swift-stdlib \
        --explicit-target-dependency-import-check error \
    && install -D "$(swift build -c release --show-bin-path)/defimon" /out/defimon \
    && strip /out/defimon

FROM ${RUNTIME_IMAGE} AS runtime
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates curl libarchive13 libcurl4 libre2-9 libsqlite3-0 libstdc++6 openssh-client tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 defimon \
    && useradd --uid 10001 --gid defimon --no-log-init --no-create-home --home-dir /var/lib/defimon \
        --shell /usr/sbin/nologin defimon \
    && install -d -o defimon -g defimon -m 0750 /var/lib/defimon
COPY commands /usr/share/defimon/commands
COPY webhooks /usr/share/defimon/webhooks
COPY deploy /usr/share/defimon/deploy
COPY --from=build /out/defimon /usr/local/bin/defimon
USER 10001:10001
WORKDIR /var/lib/defimon
VOLUME /var/lib/defimon
EXPOSE 8080
ENV DEFIMON_HEALTH_URL=http://127.0.0.1:8080/healthz
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD curl -fsS "$DEFIMON_HEALTH_URL" || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/defimon"]
CMD ["serve", "--config", "/etc/defimon/defimon.yaml"]
