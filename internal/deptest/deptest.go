// Package deptest lets the build say no: it checks that a package is a pure machine, that
// is, a function of its inputs alone. Then a simulator can run thousands of them in one
// process, and the same seed gives the same run.
package deptest

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reached lists what no dependency may bring in, however far away. A name stands for the
// package, and outside of the standard library for everything below it too.
var reached = map[string]string{
	"net":                        "a machine has no sockets",
	"context":                    "a machine is never cancelled",
	"google.golang.org/grpc":     "the wire stops at the edge",
	"google.golang.org/protobuf": "the wire stops at the edge",
	"go.uber.org/zap":            "a machine emits events; the edge logs them",
}

// imported lists what the package itself must not import; fmt needs some of it, so it
// cannot be banned from afar.
var imported = map[string]string{
	"sync":        "one goroutine owns a machine",
	"sync/atomic": "one goroutine owns a machine",
	"os":          "a machine does not see the system",
	"syscall":     "a machine does not see the system",
	"log":         "a machine emits events; the edge logs them",
	"log/slog":    "a machine emits events; the edge logs them",
	"crypto/rand": "chance is an argument",
	"unsafe":      "a machine needs no tricks",
}

// clock lists the functions of package time that read or wait for the clock.
var clock = []string{"Now", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Since", "Until"}

// CheckPure fails t for each impurity in the non-test files of the package in dir (a folder, "."
// for the one under test), with the place and the reason:
//
//   - imports: net, context, gRPC, protobuf and zap at any distance; sync, os, log and their
//     like, and the packages in banned (import path to reason), directly;
//   - reading the clock, and the global functions of math/rand;
//   - goroutines, channels and select;
//   - loops over a map, and over maps.Keys, maps.Values or maps.All (unless these are
//     sorted right away by slices.Sorted...), because the order differs between runs. A
//     comment "// order does not matter: <why>" on the line of the loop allows it.
//
// It needs the go command.
func CheckPure(t testing.TB, dir string, banned map[string]string) {
	t.Helper()
	found, err := impurities(dir, banned)
	if err != nil {
		t.Fatalf("deptest: %v", err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

// impurities returns one line for each finding, sorted by place.
func impurities(dir string, banned map[string]string) ([]string, error) {
	pkg, deps, err := list(dir)
	if err != nil {
		return nil, err
	}
	c := &checker{fset: token.NewFileSet(), banned: maps.Clone(imported)}
	maps.Copy(c.banned, banned)
	for _, dep := range slices.Sorted(maps.Keys(deps)) {
		if ban, why := forbidden(dep); ban != "" {
			c.found = append(c.found, fmt.Sprintf("%s depends on %s: %s", pkg.ImportPath, dep, why))
		}
	}
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(c.fset, filepath.Join(pkg.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if err := c.typeCheck(pkg.ImportPath, files, deps); err != nil {
		return nil, err
	}
	for _, f := range files {
		c.file(f)
	}
	return c.found, nil
}

// forbidden says which ban on distant dependencies holds for the package dep.
func forbidden(dep string) (ban, why string) {
	for _, ban := range slices.Sorted(maps.Keys(reached)) {
		inModule := strings.Contains(ban, ".") && strings.HasPrefix(dep, ban+"/")
		if dep == ban || inModule {
			return ban, reached[ban]
		}
	}
	return "", ""
}

type checker struct {
	fset    *token.FileSet
	banned  map[string]string
	info    types.Info
	allowed map[int]bool      // lines of the current file whose loops may take any order
	sorted  map[ast.Node]bool // calls whose result is sorted right away
	found   []string
}

// typeCheck finds out what the names mean; deps gives the compiled form of each import.
func (c *checker) typeCheck(path string, files []*ast.File, deps map[string]string) error {
	c.info = types.Info{Uses: make(map[*ast.Ident]types.Object), Types: make(map[ast.Expr]types.TypeAndValue)}
	compiled := func(path string) (io.ReadCloser, error) { return os.Open(deps[path]) }
	cfg := types.Config{Importer: importer.ForCompiler(c.fset, "gc", compiled)}
	_, err := cfg.Check(path, c.fset, files, &c.info)
	return err
}

func (c *checker) report(n ast.Node, format string, args ...any) {
	at := c.fset.Position(n.Pos())
	c.found = append(c.found, fmt.Sprintf("%s:%d: %s", filepath.Base(at.Filename), at.Line, fmt.Sprintf(format, args...)))
}

func (c *checker) file(f *ast.File) {
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it
		if why, ok := c.banned[path]; ok {
			c.report(spec, "imports %s: %s", path, why)
		}
	}
	c.allowed = c.allowedLines(f)
	c.sorted = make(map[ast.Node]bool)
	ast.Inspect(f, func(n ast.Node) bool {
		c.node(n)
		return true
	})
}

func (c *checker) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		c.report(n, "starts a goroutine: a machine runs on its actor's")
	case *ast.SelectStmt:
		c.report(n, "select: a machine does not wait")
	case *ast.ChanType:
		c.report(n, "channel: inputs come by Step, effects are returned")
	case *ast.RangeStmt:
		c.loop(n)
	case *ast.CallExpr:
		c.noteSorting(n)
		c.mapOrder(n)
	case *ast.Ident:
		c.use(n)
	}
}

// use reports a name that stands for the clock or for chance; also when it is not called,
// since a machine that holds time.Now will call it.
func (c *checker) use(id *ast.Ident) {
	f, ok := c.info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == nil || f.Signature().Recv() != nil {
		return
	}
	switch path := f.Pkg().Path(); path {
	case "time":
		if slices.Contains(clock, f.Name()) {
			c.report(id, "uses time.%s: time is an argument", f.Name())
		}
	case "math/rand", "math/rand/v2":
		if !strings.HasPrefix(f.Name(), "New") {
			c.report(id, "uses the global rand.%s: chance is an argument (*rand.Rand)", f.Name())
		}
	}
}
