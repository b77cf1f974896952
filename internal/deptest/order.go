package deptest

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
)

// anyOrder is the comment that allows a loop over a map, with a reason.
var anyOrder = regexp.MustCompile(`^// order does not matter: \S`)

func (c *checker) allowedLines(f *ast.File) map[int]bool {
	lines := make(map[int]bool)
	for _, group := range f.Comments {
		for _, comment := range group.List {
			if anyOrder.MatchString(comment.Text) {
				lines[c.fset.Position(comment.Pos()).Line] = true
			}
		}
	}
	return lines
}

func (c *checker) orderIsFree(n ast.Node) bool { return c.allowed[c.fset.Position(n.Pos()).Line] }

const cureOrder = `sort first, or say "// order does not matter: <why>" on this line`

func (c *checker) loop(n *ast.RangeStmt) {
	if _, isMap := c.info.Types[n.X].Type.Underlying().(*types.Map); isMap && !c.orderIsFree(n) {
		c.report(n, "ranges over a map, whose order differs between runs: %s", cureOrder)
	}
}

// noteSorting remembers the arguments of slices.Sorted, SortedFunc and SortedStableFunc;
// Inspect visits a call before its arguments.
func (c *checker) noteSorting(n *ast.CallExpr) {
	if pkg, name := c.callee(n); pkg == "slices" && slices.Contains([]string{"Sorted", "SortedFunc", "SortedStableFunc"}, name) {
		c.sorted[ast.Unparen(n.Args[0])] = true
	}
}

func (c *checker) mapOrder(n *ast.CallExpr) {
	pkg, name := c.callee(n)
	if pkg == "maps" && slices.Contains([]string{"Keys", "Values", "All"}, name) && !c.sorted[n] && !c.orderIsFree(n) {
		c.report(n, "uses maps.%s, whose order differs between runs: %s", name, cureOrder)
	}
}

// callee is the package-level function that a call names, if it names one.
func (c *checker) callee(n *ast.CallExpr) (pkg, name string) {
	fun := ast.Unparen(n.Fun)
	switch f := fun.(type) { // explicit type arguments
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	var id *ast.Ident
	switch f := fun.(type) {
	case *ast.SelectorExpr:
		id = f.Sel
	case *ast.Ident: // a dot import
		id = f
	default:
		return "", ""
	}
	if f, ok := c.info.Uses[id].(*types.Func); ok && f.Pkg() != nil && f.Signature().Recv() == nil {
		return f.Pkg().Path(), f.Name()
	}
	return "", ""
}
