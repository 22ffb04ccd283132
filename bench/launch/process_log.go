package launch

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

const tailLines = 20

// Log lines in text and JSON format.
var (
	servingLine = regexp.MustCompile(`serving.*address"?[=:]"?(127\.0\.0\.1:[0-9]+)`)
	warningLine = regexp.MustCompile(`level"?[=:]"?(WARN|ERROR)`)
)

// processLog reads the address from a log and keeps the last lines.
type processLog struct {
	serving  chan string // receives the address, once
	warnings io.Writer   // receives warnings and errors; nil drops them
	mu       sync.Mutex  // guards the fields below
	known    bool        // the address was sent
	partial  []byte      // the last line, without its end
	lines    []string
}

func newProcessLog(warnings io.Writer) *processLog {
	return &processLog{serving: make(chan string, 1), warnings: warnings}
}

func (l *processLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		line, rest, complete := bytes.Cut(l.partial, []byte("\n"))
		if !complete {
			return len(p), nil
		}
		l.add(string(line))
		l.partial = rest
	}
}

// add records a line. The caller must hold mu.
func (l *processLog) add(line string) {
	if match := servingLine.FindStringSubmatch(line); match != nil {
		l.found(match[1])
	}
	if l.warnings != nil && warningLine.MatchString(line) {
		fmt.Fprintln(l.warnings, line)
	}
	if len(l.lines) == tailLines {
		l.lines = append(l.lines[:0], l.lines[1:]...)
	}
	l.lines = append(l.lines, line)
}

// serve says where the process serves.
func (l *processLog) serve(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found(address)
}

// found sends the address, once. The caller must hold mu.
func (l *processLog) found(address string) {
	if !l.known {
		l.known = true
		l.serving <- address
	}
}

func (l *processLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
