package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// peer launches processes of another system, one per node, and reads their stdout.
type peer struct {
	cfg     Config
	system  string
	host    func(id int) string
	board   *board
	program string
	parse   func(line string) (said, bool)
	args    func(p *peer, id int, seeds []string) []string
}

func newMemberlist(cfg Config, network byte, b *board) (launcher, error) {
	return newPeer(&peer{
		cfg: cfg, system: Memberlist, host: cluster.OwnHosts(network), board: b,
		program: "memberlist", parse: parseMemberlist,
		args: func(p *peer, id int, seeds []string) []string {
			return []string{"-name", strconv.Itoa(id), "-bind", p.host(id), "-join", strings.Join(seeds, ",")}
		},
	})
}

// serfSettings beside the defaults: SIGTERM is a goodbye, as it is for the others, and a node
// that starts before its seeds tries again soon.
const serfSettings = `{"leave_on_terminate": true, "retry_interval": "1s"}`

func newSerf(cfg Config, network byte, b *board) (launcher, error) {
	l, err := newPeer(&peer{
		cfg: cfg, system: Serf, host: cluster.OwnHosts(network), board: b,
		program: "serf", parse: parseSerf,
		args: func(p *peer, id int, seeds []string) []string {
			args := []string{
				"agent", "-log-level=info", "-config-file=" + p.settings(), "-node=" + strconv.Itoa(id),
				"-bind=" + p.host(id) + ":7946", "-rpc-addr=" + p.host(id) + ":7373",
			}
			for _, seed := range seeds {
				args = append(args, "-retry-join="+seed)
			}
			return args
		},
	})
	if err != nil {
		return nil, err
	}
	return l, os.WriteFile(l.settings(), []byte(serfSettings), 0o644)
}

func newPeer(p *peer) (*peer, error) {
	if _, err := os.Stat(p.path()); err != nil {
		return nil, fmt.Errorf("there is no %s in %s: `make bench` builds it", p.program, p.cfg.BinDir)
	}
	return p, os.MkdirAll(p.cfg.logDir(p.system), 0o755)
}

func (p *peer) path() string     { return filepath.Join(p.cfg.BinDir, p.program) }
func (p *peer) settings() string { return filepath.Join(p.cfg.logDir(p.system), "settings.json") }

func (p *peer) node(id int, seeds []int) ([]*cluster.Process, error) {
	var addresses []string
	for _, seed := range seeds {
		addresses = append(addresses, p.host(seed))
	}
	name := fmt.Sprintf("%s%d", p.system, id)
	return []*cluster.Process{cluster.NewProcess(cluster.Program{
		Name: name, Path: p.path(), Args: p.args(p, id, addresses), Env: os.Environ(),
		LogFile: filepath.Join(p.cfg.logDir(p.system), name+".log"),
		Said: func(at time.Time, line string) {
			if s, ok := p.parse(line); ok {
				p.board.add(event{at: at, observer: id, member: s.member, state: s.state})
			}
		},
	})}, nil
}

func (p *peer) close() error { return nil }
