package main

import (
	"context"
	"strconv"

	"wisphub-graphql/bench/launch"
)

// stage has all servers of one number of clients. They share a simulated WispHub, and idle while
// another is measured.
type stage struct {
	options options
	dir     string
	clients int
	wisphub *launch.Process
	servers map[string]*server
}

// openStage starts the servers that the lanes need and learns their answers. The caller must close it.
func openStage(ctx context.Context, o options, dir string, clients int) (*stage, error) {
	s := &stage{options: o, dir: dir, clients: clients, servers: map[string]*server{}}
	if err := s.start(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) start(ctx context.Context) (err error) {
	if s.wisphub, err = startChild("wisphub", strconv.Itoa(s.clients)); err != nil {
		return err
	}
	if s.options.has("gqlgen") {
		process, err := startChild("gqlgen", s.wisphub.Address)
		if err != nil {
			return err
		}
		s.servers[gqlgenServer] = newServer(gqlgenServer, process)
	}
	s.servers[facadeServer], err = startFacade(s.options, facadeServer, s.dir, s.wisphub)
	if err != nil {
		return err
	}
	if s.options.has("unshared") {
		s.servers[unsharedServer], err = startFacade(s.options, unsharedServer, s.dir, s.wisphub, "RESPONSE_CACHE_MB=0")
		if err != nil {
			return err
		}
	}
	if err := s.learn(ctx); err != nil {
		return err
	}
	return s.startBare()
}

// learn loads the data into all servers. It compares them with gqlgen, if that is measured.
func (s *stage) learn(ctx context.Context) error {
	var reference *server
	for _, name := range []string{gqlgenServer, facadeServer, unsharedServer} {
		server := s.servers[name]
		if server == nil {
			continue
		}
		ids, err := server.serviceIDs(ctx, 1000)
		if err != nil {
			return err
		}
		server.serviceID = ids[len(ids)/2]
		if err := server.learn(s.options.works, reference); err != nil {
			return err
		}
		if reference == nil && name == gqlgenServer {
			reference = server
		}
	}
	return nil
}

// startBare starts the yardstick with answers as long as the facade's.
func (s *stage) startBare() error {
	if !s.options.has("bare") {
		return nil
	}
	sizes := make([]string, len(works))
	for i, w := range works {
		sizes[i] = strconv.Itoa(len(s.servers[facadeServer].expected[w.number]))
	}
	process, err := startChild("bare", sizes...)
	if err != nil {
		return err
	}
	bare := newServer(bareServer, process)
	for _, w := range works {
		bare.expected[w.number] = bareAnswer(len(s.servers[facadeServer].expected[w.number]))
	}
	s.servers[bareServer] = bare
	return nil
}

func (s *stage) close() {
	for _, server := range s.servers {
		if server != nil {
			server.stop()
		}
	}
	if s.wisphub != nil {
		_ = s.wisphub.Kill()
	}
}
