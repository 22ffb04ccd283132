# Build:  docker build --build-arg VERSION=1.2.3 -t wisphub-graphql .
# Run:    docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges --env-file .env -p 8000:8000 wisphub-graphql
#
# The server writes only to CACHE_DIR, so that the root file system can be read-only. For warm restarts mount a volume that
# user 65532 owns, and set CACHE_DIR to it. docker's --env-file takes values literally: use no quotes and no trailing comments.

FROM golang:1.26.8 AS build
WORKDIR /src
# Download the modules first: docker caches this layer until go.mod changes.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# Static, because the last stage has no C library. Time zones are compiled in (time/tzdata).
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /wisphub-graphql .

# Only the program and the certificates to verify WispHub: no shell, and no packages that need security updates.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /wisphub-graphql /wisphub-graphql
# A number, because there is no /etc/passwd, and runAsNonRoot of Kubernetes cannot check names.
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/wisphub-graphql", "healthcheck"]
ENTRYPOINT ["/wisphub-graphql"]
