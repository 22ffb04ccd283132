# Build:  docker build --build-arg VERSION=1.2.3 -t wisphub-graphql .
# Run:    docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges --env-file .env -p 8000:8000 wisphub-graphql
#
# The server writes only to CACHE_DIR, so the root file system can stay read-only; for warm restarts mount a volume that
# user 65532 owns and name it in CACHE_DIR. docker's --env-file takes values as they are: no quotes, no comments behind them.

FROM golang:1.26 AS build
WORKDIR /src
# The modules first: this layer is kept until go.mod changes.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# Static, because the last stage has no C library; it has no time zones either, they are compiled in (time/tzdata).
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /wisphub-graphql .

# Nothing but the program and the certificates by which it trusts WispHub: no shell, no package that could need a patch.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /wisphub-graphql /wisphub-graphql
# By number: there is no /etc/passwd, and Kubernetes' runAsNonRoot cannot judge a name.
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/wisphub-graphql", "healthcheck"]
ENTRYPOINT ["/wisphub-graphql"]
