package rpc

import (
	"strings"
	"time"

	"github.com/swimpair/swim/internal/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// party is one end of a call, as the log lines name it.
type party struct{ component, node string }

func (p party) String() string {
	return "Component " + nameable(p.component) + " of Node " + nameable(p.node)
}

// nameable keeps a name out of the log that could be read as more than a name: it comes
// from whoever called. An address passes, since the seed's peers use it as an id.
func nameable(name string) string {
	if name == "" {
		return "unknown"
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:[]"
	if len(name) > 261 || strings.Trim(name, letters) != "" { // the contract's limit for an address
		return "invalid"
	}
	return name
}

// lines writes the log lines of calls. Only the interceptors use it.
type lines struct {
	log   *zap.Logger
	quiet map[string]bool // full methods without lines while they succeed
}

func newLines(log *zap.Logger, quiet []string) *lines {
	l := &lines{log: log, quiet: make(map[string]bool, len(quiet))}
	for _, method := range quiet {
		l.quiet[method] = true
	}
	return l
}

// call is one RPC between its opening and its completion line.
type call struct {
	lines    *lines
	incoming bool
	method   string
	from, to party
	trace    trace.ID
	start    time.Time
}

func (l *lines) sends(method string, from, to party, id trace.ID) *call {
	return l.begin(&call{lines: l, method: method, from: from, to: to, trace: id})
}

func (l *lines) runs(method string, from, to party, id trace.ID) *call {
	return l.begin(&call{lines: l, incoming: true, method: method, from: from, to: to, trace: id})
}

func (l *lines) begin(c *call) *call {
	c.start = time.Now()
	if !l.quiet[c.method] {
		c.writeOpening()
	}
	return c
}

// end writes how the call ended: at debug level if well, else at the opening line's. A
// quiet call that failed gets its opening line now, with the time at which it began.
func (c *call) end(err error) {
	quiet := c.lines.quiet[c.method]
	st, ok := status.FromError(err)
	if !ok {
		st = status.FromContextError(err) // as gRPC itself does
	}
	if st.Code() == codes.OK {
		if !quiet {
			c.writeCompletion(zapcore.DebugLevel, "done", st)
		}
		return
	}
	if quiet {
		c.writeOpening()
	}
	c.writeCompletion(c.level(), "failed", st)
}

// level is that of the opening line. Health checks and reflection are not the protocol's.
func (c *call) level() zapcore.Level {
	if strings.HasPrefix(c.method, "/grpc.") {
		return zapcore.DebugLevel
	}
	return zapcore.InfoLevel
}

func (c *call) writeOpening() {
	entry := c.lines.log.Check(c.level(), "")
	if entry == nil {
		return
	}
	entry.Time = c.start
	if c.incoming {
		entry.Message = c.to.String() + " runs RPC " + c.rpc() + " called by " + c.from.String()
	} else {
		entry.Message = c.from.String() + " sends RPC " + c.rpc() + " to " + c.to.String()
	}
	entry.Write(c.fields()...)
}

func (c *call) writeCompletion(level zapcore.Level, outcome string, st *status.Status) {
	entry := c.lines.log.Check(level, "")
	if entry == nil {
		return
	}
	if c.incoming {
		entry.Message = "RPC " + c.rpc() + " called by " + c.from.String() + " " + outcome
	} else {
		entry.Message = "RPC " + c.rpc() + " to " + c.to.String() + " " + outcome
	}
	fields := append(c.fields(), zap.Stringer("code", st.Code()), zap.Duration("duration", time.Since(c.start)))
	if st.Code() != codes.OK {
		fields = append(fields, zap.String("error", st.Message()))
	}
	entry.Write(fields...)
}

// rpc is the method without its service.
func (c *call) rpc() string { return c.method[strings.LastIndexByte(c.method, '/')+1:] }

func (c *call) fields() []zap.Field {
	return []zap.Field{
		zap.String("rpc", c.rpc()),
		zap.String("from_component", nameable(c.from.component)),
		zap.String("from_node", nameable(c.from.node)),
		zap.String("to_component", nameable(c.to.component)),
		zap.String("to_node", nameable(c.to.node)),
		zap.Stringer("trace_id", c.trace),
	}
}
