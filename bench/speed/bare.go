package main

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// newBare returns the yardstick: a handler that reads the body and answers with ready bytes. The
// arguments are the sizes of the answers at /1, /2 and so on.
func newBare(sizes []string) (http.Handler, error) {
	mux := http.NewServeMux()
	for i, text := range sizes {
		size, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		answer := bareAnswer(size)
		mux.HandleFunc(barePath(i+1), func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", text)
			_, _ = w.Write(answer) // the caller has left
		})
	}
	return mux, nil
}

func barePath(number int) string { return fmt.Sprintf("/%d", number) }

func bareAnswer(size int) []byte { return []byte(strings.Repeat("x", size)) }
