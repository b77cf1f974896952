// Package cluster runs pairs of the real binaries as child processes of this one, on the
// loopback addresses of this machine, and watches what they say of each other.
//
// Everything that it starts ends with it: the children sit in process groups of their
// own, so that a Ctrl-C reaches only the launcher, which then stops them in order; and
// where the kernel offers it (Linux), they are killed when the launcher itself is killed.
//
// Membership is learned as an application would learn it, from WatchMembers streams, so
// waiting is waiting for an event and measured times are times of arrival, not of polls.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"go.uber.org/zap"

	"github.com/swimpair/swim/internal/logging"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
)

// The ports follow from the node id, as in the daemons.
const (
	detectorPortBase     = 50050
	disseminatorPortBase = 50060
)

// Config of a cluster.
type Config struct {
	// BinDir holds the binaries detector and disseminator.
	BinDir string
	// LogDir gets one file per service, node1-detector.log and so on. It is created.
	LogDir string
	// Host tells on which address of this machine a node listens.
	Host func(id int) string
	// Env is given to every process, as NAME=value. The launcher's own NODE_ID, MEMBERS,
	// BOOTSTRAP_ADDRESS and SWIM_* are not.
	Env []string
}

// SharedHost puts all nodes on one address; their ports tell them apart. Ids ten apart
// collide.
func SharedHost(host string) func(int) string { return func(int) string { return host } }

// OwnHosts gives each node a loopback address of its own, 127.0.net.id, so that several
// clusters can run side by side.
func OwnHosts(net byte) func(int) string {
	return func(id int) string { return fmt.Sprintf("127.0.%d.%d", net, id) }
}

// Cluster is a set of nodes and an Observer that watches them.
type Cluster struct {
	*Observer
	cfg Config

	mu    sync.Mutex
	nodes []*Node
}

// New prepares an empty cluster. It fails when the binaries are not there.
func New(cfg Config) (*Cluster, error) {
	for _, name := range []string{"detector", "disseminator"} {
		if _, err := os.Stat(filepath.Join(cfg.BinDir, name)); err != nil {
			return nil, fmt.Errorf("there is no %s in %s: run `make build` first", name, cfg.BinDir)
		}
	}
	if err := os.MkdirAll(cfg.LogDir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the log directory: %w", err)
	}
	return &Cluster{Observer: newObserver(), cfg: cfg}, nil
}

// Add describes one more node; nothing runs before it is started. The environment (such
// as MEMBERS) is that of both halves, on top of the cluster's.
func (c *Cluster) Add(id int, env ...string) *Node {
	host := c.cfg.Host(id)
	n := &Node{
		ID:                  id,
		DetectorAddress:     net.JoinHostPort(host, strconv.Itoa(detectorPortBase+id)),
		DisseminatorAddress: net.JoinHostPort(host, strconv.Itoa(disseminatorPortBase+id)),
	}
	all := append(inheritedEnv(),
		"NODE_ID="+strconv.Itoa(id),
		"SWIM_DETECTOR_ADDR="+n.DetectorAddress,
		"SWIM_DISSEMINATOR_ADDR="+n.DisseminatorAddress,
	)
	all = append(append(all, c.cfg.Env...), env...)
	n.Detector = c.process(n, "detector", all)
	n.Disseminator = c.process(n, "disseminator", all)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = append(c.nodes, n)
	return n
}

func (c *Cluster) process(n *Node, service string, env []string) *Process {
	name := fmt.Sprintf("node%d-%s", n.ID, service)
	return NewProcess(Program{
		Name:    name,
		Path:    filepath.Join(c.cfg.BinDir, service),
		Env:     env,
		LogFile: filepath.Join(c.cfg.LogDir, name+".log"),
	})
}

// inheritedEnv is this process's environment without what configures a node.
func inheritedEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case name == "NODE_ID", name == "MEMBERS", name == "BOOTSTRAP_ADDRESS", strings.HasPrefix(name, "SWIM_"):
		default:
			env = append(env, kv)
		}
	}
	return env
}

// Nodes returns all nodes that were added, in that order.
func (c *Cluster) Nodes() []*Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Node(nil), c.nodes...)
}

// CheckPorts reports every address of the nodes at which something listens already, and
// waits for those that only a connection holds, which it says on stderr. It is for a
// message before anything is started; the daemons check again.
func (c *Cluster) CheckPorts(ctx context.Context) error {
	log, err := logging.New("info", "console", "launcher", os.Stderr)
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range c.Nodes() {
		for _, addr := range []string{n.DetectorAddress, n.DisseminatorAddress} {
			if err := checkPort(ctx, addr, log); err != nil {
				errs = append(errs, fmt.Errorf("node %d cannot listen on %s: %w", n.ID, addr, err))
			}
		}
	}
	return errors.Join(errs...)
}

func checkPort(ctx context.Context, addr string, log *zap.Logger) error {
	lis, err := rpc.TCP{}.Listen(ctx, addr, log)
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno // the words around it repeat the address, and advise daemons
	}
	if err != nil {
		return err
	}
	return lis.Close()
}

// Close stops all nodes at once and in order, then the watching. Whatever does not stop
// by itself in time is killed; the error says so. Nothing is left running.
func (c *Cluster) Close() error {
	nodes := c.Nodes()
	errs := make([]error, len(nodes))
	var wg sync.WaitGroup
	for i, n := range nodes {
		wg.Go(func() { errs[i] = n.Stop() })
	}
	wg.Wait()
	c.Observer.close()
	return errors.Join(errs...)
}

// Node is one pair.
type Node struct {
	ID                  int
	DetectorAddress     string
	DisseminatorAddress string
	Detector            *Process
	Disseminator        *Process
}

// Name is the node's id as the membership spells it.
func (n *Node) Name() swim.NodeID { return swim.NodeID(strconv.Itoa(n.ID)) }

func (n *Node) halves() []*Process { return []*Process{n.Detector, n.Disseminator} }

// Start both halves. After a kill or a stop it starts them again.
func (n *Node) Start() error { return n.each((*Process).Start) }

// Kill both halves at once with SIGKILL, and wait for their end.
func (n *Node) Kill() error {
	signalled := n.each(func(p *Process) error { return p.Signal(syscall.SIGKILL) })
	return errors.Join(signalled, n.each((*Process).Kill))
}

// Stop asks both halves to stop (SIGTERM) and waits; see Process.Stop.
func (n *Node) Stop() error {
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, p := range n.halves() {
		wg.Go(func() { errs[i] = p.Stop() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Pause freezes both halves (SIGSTOP).
func (n *Node) Pause() error { return n.each((*Process).Pause) }

// Resume ends a Pause.
func (n *Node) Resume() error { return n.each((*Process).Resume) }

func (n *Node) each(do func(*Process) error) error {
	return errors.Join(do(n.Detector), do(n.Disseminator))
}
