package bench

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

// The disseminator's port follows from the node id, as in the daemon.
const disseminatorPortBase = 50060

// ours launches pairs with default settings, each on its own loopback address.
type ours struct {
	*cluster.Cluster
	host   func(id int) string
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newOurs(cfg Config, network byte, b *board) (launcher, error) {
	host := cluster.OwnHosts(network)
	c, err := cluster.New(cluster.Config{BinDir: cfg.BinDir, LogDir: cfg.logDir(Ours), Host: host})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	o := &ours{Cluster: c, host: host, cancel: cancel}
	o.wg.Go(func() { o.pass(ctx, b) })
	return o, nil
}

func (o *ours) node(id int, seeds []int) ([]*cluster.Process, error) {
	var addresses []string
	for _, seed := range seeds {
		addresses = append(addresses, net.JoinHostPort(o.host(seed), strconv.Itoa(disseminatorPortBase+seed)))
	}
	n := o.Add(id, "BOOTSTRAP_ADDRESS="+strings.Join(addresses, ","))
	return []*cluster.Process{n.Detector, n.Disseminator}, o.Watch(n)
}

// pass what the Observer learns on to the board, in its words.
func (o *ours) pass(ctx context.Context, b *board) {
	for first := 0; ; {
		changes, err := o.Next(ctx, first)
		if err != nil {
			return // closed
		}
		first += len(changes)
		for _, c := range changes {
			if e, ok := translate(c); ok {
				b.add(e)
			}
		}
	}
}

// unwatch all nodes, to see what they cost alone.
func (o *ours) unwatch() {
	for _, n := range o.Nodes() {
		o.Unwatch(n)
	}
}

// watch all nodes again, and return when every stream stands.
func (o *ours) watch(ctx context.Context) error {
	for _, n := range o.Nodes() {
		if err := o.Watch(n); err != nil {
			return err
		}
	}
	_, err := o.WaitFor(ctx, func(views cluster.Views) bool {
		for _, view := range views {
			if !view.Connected {
				return false
			}
		}
		return true
	})
	return err
}

// states of ours, in the words of the board. A contact is nobody yet.
var states = map[swim.State]state{swim.Alive: alive, swim.Suspect: suspect, swim.Failed: failed, swim.Left: left}

// translate a change; rows without an id are of no member.
func translate(c cluster.Change) (event, bool) {
	observer, err := strconv.Atoi(string(c.Observer))
	if err != nil {
		return event{}, false
	}
	member, err := strconv.Atoi(string(c.Member.ID))
	if err != nil {
		return event{}, false
	}
	e := event{at: c.At, observer: observer, member: member, state: states[c.Member.State]}
	if c.Removed {
		e.state = unknown
	}
	if e.state == suspect {
		e.reason = c.Member.Reason.String()
	}
	return e, true
}

func (o *ours) close() error {
	o.cancel()
	o.wg.Wait()
	return o.Cluster.Close()
}
