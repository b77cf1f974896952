package cluster

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// reconnectPause lies between two attempts to watch a node that does not answer.
const reconnectPause = 50 * time.Millisecond

// Observer watches the lists of nodes and remembers every change that they told. It
// follows a node through kills and restarts. Safe for concurrent use.
type Observer struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	views   Views
	watches map[swim.NodeID]watch
	history []Change
	waiters map[*waiter]bool
}

// watch is the following of one node, which can be ended.
type watch struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// Views are the lists of the watched nodes, by the id of the node that tells.
type Views map[swim.NodeID]View

// View is the list of one node.
type View struct {
	// Connected: the stream stands. Without it Rows are the last that were told.
	Connected bool
	// Heard is when the node last said anything. It says something twice in each of its
	// protocol periods, unless it is frozen.
	Heard time.Time
	// Rows by Key.
	Rows map[string]swim.Member

	opening map[string]swim.Member // a snapshot of which more is to come
}

// Key of a row in a View: the id, or the detector address of a contact without one.
func Key(m swim.Member) string {
	if m.ID != "" {
		return string(m.ID)
	}
	return string(m.DetectorAddress)
}

// waiter waits until cond holds. It is looked at with every event, so that at is the time
// of the very event that made it true.
type waiter struct {
	cond func(Views) bool
	at   time.Time
	done chan struct{}
}

func newObserver() *Observer {
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(context.Background(), "swim-component", "observer"))
	return &Observer{ctx: ctx, cancel: cancel, views: Views{}, watches: map[swim.NodeID]watch{}, waiters: map[*waiter]bool{}}
}

// Watch follows the node's list from now on, whether it runs already or not.
func (o *Observer) Watch(n *Node) error {
	conn, err := dial(n.DisseminatorAddress)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.views[n.Name()]; ok {
		return conn.Close()
	}
	o.views[n.Name()] = View{Rows: map[string]swim.Member{}}
	ctx, cancel := context.WithCancel(o.ctx)
	w := watch{cancel: cancel, done: make(chan struct{})}
	o.watches[n.Name()] = w
	o.wg.Go(func() {
		defer close(w.done)
		defer conn.Close()
		o.follow(ctx, n.Name(), swimpb.NewMembershipClient(conn))
	})
	return nil
}

// Unwatch ends a Watch, whose changes stay in the history. The node can be watched again.
func (o *Observer) Unwatch(n *Node) {
	o.mu.Lock()
	w, ok := o.watches[n.Name()]
	o.mu.Unlock()
	if !ok {
		return
	}
	w.cancel()
	<-w.done
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.watches, n.Name())
	delete(o.views, n.Name())
}

func dial(addr string) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(rpc.TCP{}.Dial), // which keeps no node from its port
		grpc.WithNoProxy(), grpc.WithDisableServiceConfig(), grpc.WithIdleTimeout(0),
		grpc.WithConnectParams(grpc.ConnectParams{
			MinConnectTimeout: time.Second,
			Backoff:           backoff.Config{BaseDelay: reconnectPause, Multiplier: 1, MaxDelay: reconnectPause},
		}))
	if err != nil {
		return nil, fmt.Errorf("cannot use address %s: %w", addr, err)
	}
	return conn, nil
}

// follow watches one node until the context ends.
func (o *Observer) follow(ctx context.Context, id swim.NodeID, client swimpb.MembershipClient) {
	for ctx.Err() == nil {
		stream, err := client.WatchMembers(ctx, &swimpb.WatchMembersRequest{}, grpc.WaitForReady(true))
		for err == nil {
			var message *swimpb.WatchMembersResponse
			if message, err = stream.Recv(); err != nil {
				break
			}
			var news wire.Watch
			if news, err = wire.ParseWatch(message); err == nil {
				o.apply(id, news.Event)
			}
		}
		o.update(id, func(view *View, _ time.Time) { view.Connected, view.opening = false, nil })
		select {
		case <-time.After(reconnectPause):
		case <-ctx.Done():
		}
	}
}

func (o *Observer) apply(id swim.NodeID, event wire.Event) {
	o.update(id, func(view *View, now time.Time) {
		view.Connected, view.Heard = true, now
		switch e := event.(type) {
		case wire.Snapshot:
			if view.opening == nil {
				view.opening = map[string]swim.Member{}
			}
			for _, m := range e.Members {
				view.opening[Key(m)] = m
				o.history = append(o.history, Change{
					At: now, Observer: id, Member: m, Previous: view.Rows[Key(m)].State, Snapshot: true,
				})
			}
			if !e.More {
				view.Rows, view.opening = view.opening, nil
			}
		case wire.Change:
			if e.Removed {
				delete(view.Rows, Key(e.Member))
			} else {
				view.Rows[Key(e.Member)] = e.Member
			}
			o.history = append(o.history, Change{
				At: now, Observer: id, Member: e.Member, Previous: e.Previous, Removed: e.Removed,
			})
		}
	})
}

// update changes one view under the lock, and then tells those who wait.
func (o *Observer) update(id swim.NodeID, change func(*View, time.Time)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	view := o.views[id]
	change(&view, now)
	o.views[id] = view
	for w := range o.waiters {
		if w.cond(o.views) {
			w.at = now
			close(w.done)
			delete(o.waiters, w)
		}
	}
}

// WaitFor returns once cond holds, with the time at which the event arrived that made it
// true. cond must not call the Observer.
func (o *Observer) WaitFor(ctx context.Context, cond func(Views) bool) (time.Time, error) {
	w := &waiter{cond: cond, done: make(chan struct{})}
	o.mu.Lock()
	if cond(o.views) {
		o.mu.Unlock()
		return time.Now(), nil
	}
	o.waiters[w] = true
	o.mu.Unlock()
	select {
	case <-w.done:
		return w.at, nil
	case <-ctx.Done():
		o.mu.Lock()
		delete(o.waiters, w)
		o.mu.Unlock()
		return time.Time{}, ctx.Err()
	}
}

// Views returns a copy of all lists.
func (o *Observer) Views() Views {
	o.mu.Lock()
	defer o.mu.Unlock()
	views := make(Views, len(o.views))
	for id, view := range o.views {
		view.Rows = maps.Clone(view.Rows)
		views[id] = view
	}
	return views
}

// close ends all streams.
func (o *Observer) close() {
	o.cancel()
	o.wg.Wait()
}

// Members asks the node for its list, once.
func (o *Observer) Members(ctx context.Context, n *Node) (wire.List, error) {
	conn, err := dial(n.DisseminatorAddress)
	if err != nil {
		return wire.List{}, err
	}
	defer conn.Close()
	answer, err := swimpb.NewMembershipClient(conn).ListMembers(ctx, &swimpb.ListMembersRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return wire.List{}, fmt.Errorf("node %d does not list its members: %w", n.ID, err)
	}
	return wire.ParseList(answer)
}
