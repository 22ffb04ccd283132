package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
)

// subscribe opens a WebSocket, logs in and expects the event of a subscription to a finished task.
func (t *target) subscribe(ctx context.Context) error {
	client := newClient(callerAddress)
	defer client.CloseIdleConnections()
	client.Timeout = 0 // ctx ends the handshake
	conn, response, err := websocket.Dial(ctx, "ws://"+t.host+"/graphql", &websocket.DialOptions{
		HTTPClient: client, Subprotocols: []string{"graphql-transport-ws"},
	})
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		return withoutAddress(err)
	}
	defer conn.CloseNow() //nolint:errcheck // it has served its purpose
	document := fmt.Sprintf("subscription { taskUpdated(taskId: %q) { status } }", finishedTask)
	for _, step := range []struct{ send, want string }{
		{initMessage(t.tokens[readerUser]), "connection_ack"},
		{subscribeMessage(1, graphqlBody(document)), "next"},
	} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(step.send)); err != nil {
			return withoutAddress(err)
		}
		_, message, err := conn.Read(ctx)
		if err != nil {
			return withoutAddress(err)
		}
		if messageType(message) != step.want {
			return fmt.Errorf("message %.120s, want %s", message, step.want)
		}
	}
	return nil
}
