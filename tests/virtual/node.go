package virtual

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/swimpair/swim/detector/probe"
	detector "github.com/swimpair/swim/detector/service"
	"github.com/swimpair/swim/disseminator/membership"
	disseminator "github.com/swimpair/swim/disseminator/service"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/sim/audit"
)

// Options of a node.
type Options struct {
	Members   []int
	Bootstrap []int
	Cluster   string // default "swim"
	// Host is where the node listens and what it advertises; default "localhost".
	Host string
	// Paired is the id that the disseminator is given, if it is to differ.
	Paired int
	// Clock is how far the node's wall clock is ahead.
	Clock time.Duration
	// HeadsFrom is from how many other live members on news goes through heads.
	HeadsFrom int
}

// Node is one running pair.
type Node struct {
	ID                  swim.NodeID
	DetectorAddress     swim.Address
	DisseminatorAddress swim.Address
	// DetectorLog and DisseminatorLog hold every line of the two halves.
	DetectorLog, DisseminatorLog *observer.ObservedLogs
	Detector, Disseminator       *Half
	net                          *Net
	options                      Options
	view                         *view
}

// DetectorAddress and DisseminatorAddress are the seed's port plan.
func DetectorAddress(host string, id int) swim.Address {
	return swim.Address(fmt.Sprintf("%s:%d", host, 50050+id))
}

// DisseminatorAddress is the seed's port plan.
func DisseminatorAddress(host string, id int) swim.Address {
	return swim.Address(fmt.Sprintf("%s:%d", host, 50060+id))
}

// Start starts both halves of a node.
func (n *Net) Start(id int, o Options) *Node {
	node := n.Prepare(id, o)
	node.StartDisseminator(id, o)
	node.StartDetector(id, o)
	return node
}

// Prepare makes a node whose halves are started by hand.
func (n *Net) Prepare(id int, o Options) *Node {
	o = o.filled()
	node := &Node{
		net: n, options: o, ID: swim.NodeID(strconv.Itoa(id)),
		DetectorAddress: DetectorAddress(o.Host, id), DisseminatorAddress: DisseminatorAddress(o.Host, id),
	}
	n.nodes = append(n.nodes, node)
	return node
}

func (o Options) filled() Options {
	if o.Cluster == "" {
		o.Cluster = "swim"
	}
	if o.Host == "" {
		o.Host = "localhost"
	}
	return o
}

// StartDetector starts the detector half.
func (node *Node) StartDetector(id int, o Options) {
	o = o.filled()
	core, logs := observer.New(zapcore.InfoLevel)
	node.DetectorLog = logs
	h := node.net.newHalf(node, "detector", node.DetectorAddress, o.Clock)
	node.net.observe(audit.Started{Node: node.ID, Half: audit.Detector})
	s := detector.New(detector.Options{
		Cluster: o.Cluster,
		Probe: probe.Config{
			Self: node.ID, ProbeInterval: time.Second, ProbeTimeout: 500 * time.Millisecond, IndirectProbes: 3, Order: probe.Ring,
		},
		Disseminator: node.DisseminatorAddress,
		Listener:     h.port,
		Log:          zap.New(core),
		Dial:         node.net.dialFrom(h.port),
		Clock:        h.clock.now,
	})
	node.Detector = h
	h.run(s.Run)
}

// StartDisseminator starts the disseminator half.
func (node *Node) StartDisseminator(id int, o Options) {
	o = o.filled()
	if o.Paired != 0 {
		id = o.Paired
	}
	core, logs := observer.New(zapcore.InfoLevel)
	node.DisseminatorLog = logs
	h := node.net.newHalf(node, "disseminator", node.DisseminatorAddress, o.Clock)
	instance := swim.Instance(rand.Uint64() | 1)
	node.net.observe(audit.Started{
		Node: node.ID, Half: audit.Disseminator, Instance: instance, Incarnation: swim.FirstIncarnation(h.clock.now().UnixMilli()),
	})
	s := disseminator.New(disseminator.Options{
		Cluster: o.Cluster,
		Membership: membership.Config{
			CrashVerdict: true,
			Self: swim.Member{
				ID: swim.NodeID(strconv.Itoa(id)), Instance: instance, OwnAddress: true,
				DetectorAddress: node.DetectorAddress, DisseminatorAddress: node.DisseminatorAddress,
				ProbeInterval: time.Second, Version: "test",
			},
			Contacts:  addresses(o.Members, DetectorAddress),
			Bootstrap: addresses(o.Bootstrap, DisseminatorAddress),

			PauseTolerance: time.Second, SuspicionMax: 4 * time.Second, PairGrace: 5 * time.Second,
			HeadsFrom: o.HeadsFrom,
		},
		Listener: h.port,
		Log:      zap.New(core),
		Dial:     node.net.dialFrom(h.port),
		Clock:    h.clock.now,
	})
	node.Disseminator = h
	h.run(s.Run)
}

func addresses(ids []int, address func(string, int) swim.Address) (all []swim.Address) {
	for _, id := range ids {
		all = append(all, address("localhost", id))
	}
	return all
}

// Client is a bare connection to an address, as a program in any language would have it:
// no metadata. Close it before the test ends.
func (n *Net) Client(address swim.Address) *grpc.ClientConn {
	n.t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+string(address), grpc.WithContextDialer(n.Dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithIdleTimeout(0))
	if err != nil {
		n.t.Fatal(err)
	}
	return conn
}

// List asks the node for its table.
func (node *Node) List() wire.List {
	t := node.net.t
	t.Helper()
	conn := node.net.Client(node.DisseminatorAddress)
	defer conn.Close()
	sent, err := swimpb.NewMembershipClient(conn).ListMembers(context.Background(), &swimpb.ListMembersRequest{})
	if err != nil {
		t.Fatalf("node %s: %v", node.ID, err)
	}
	list, err := wire.ParseList(sent)
	if err != nil {
		t.Fatalf("node %s: %v", node.ID, err)
	}
	return list
}

// State is what the node says of a member; zero if it has no row of it.
func (node *Node) State(id swim.NodeID) swim.State { return node.Row(id).State }

// Row is this node's record of a member.
func (node *Node) Row(id swim.NodeID) swim.Member {
	for _, m := range node.List().Members {
		if m.ID == id {
			return m
		}
	}
	return swim.Member{}
}

// events are the log lines in which the halves tell of the protocol, not of RPCs.
func (node *Node) events() (entries []observer.LoggedEntry) {
	for _, logs := range []*observer.ObservedLogs{node.DetectorLog, node.DisseminatorLog} {
		if logs != nil {
			entries = append(entries, logs.Filter(func(e observer.LoggedEntry) bool { return e.ContextMap()["rpc"] == nil }).All()...)
		}
	}
	return entries
}
