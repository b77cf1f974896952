// Command memberlist is one node of the peer that the benchmark measures against: the released
// library with its LAN defaults, and nothing else. What its EventDelegate is told stands on
// stdout, one line each:
//
//	2026-11-26T17:06:49.123456789Z leave 3
//
// The library tells a failed member and one that has left by the same event, leave.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/memberlist"
)

// joinPause lies between two attempts to join; leaveTime is what saying goodbye may take.
const (
	joinPause = 100 * time.Millisecond
	leaveTime = 3 * time.Second
)

func main() {
	name := flag.String("name", "", "name of this node")
	host := flag.String("bind", "", "address of this node, port 7946")
	seeds := flag.String("join", "", "addresses of nodes to join through, separated by commas")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *name, *host, *seeds); err != nil {
		log.Fatalf("memberlist: %v", err)
	}
}

// run a member until the context ends, then leave.
func run(ctx context.Context, name, host, seeds string) error {
	cfg := memberlist.DefaultLANConfig()
	cfg.Name, cfg.BindAddr, cfg.AdvertiseAddr = name, host, host
	cfg.Events = teller{}
	m, err := memberlist.Create(cfg)
	if err != nil {
		return err
	}
	if seeds != "" {
		join(ctx, m, strings.Split(seeds, ","))
	}
	<-ctx.Done()
	if err := m.Leave(leaveTime); err != nil {
		log.Printf("cannot leave in order: %v", err)
	}
	return m.Shutdown()
}

// join through any of the seeds, as soon as one answers.
func join(ctx context.Context, m *memberlist.Memberlist, seeds []string) {
	for ctx.Err() == nil {
		if _, err := m.Join(seeds); err == nil {
			return
		}
		select {
		case <-time.After(joinPause):
		case <-ctx.Done():
		}
	}
}

// teller writes each event at once: a delegate is called under the library's lock.
type teller struct{}

var _ memberlist.EventDelegate = teller{}

func (teller) NotifyJoin(n *memberlist.Node)   { tell("join", n) }
func (teller) NotifyLeave(n *memberlist.Node)  { tell("leave", n) }
func (teller) NotifyUpdate(n *memberlist.Node) { tell("update", n) }

func tell(event string, n *memberlist.Node) {
	fmt.Printf("%s %s %s\n", time.Now().UTC().Format(time.RFC3339Nano), event, n.Name)
}
