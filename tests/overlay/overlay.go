// Package overlay builds programs from edited source: the compiler is shown other content in
// place of some files (go build -overlay), and nothing in the tree changes.
package overlay

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Edit replaces one passage of a file, which has it once.
type Edit struct {
	File  string // from the root of the repository
	Sound string // as it is in the tree
	Other string // what the compiler sees
}

// Apply returns what the edited files are like then, by their absolute names. An edit that does
// not fit its file is an error, so that a list of edits is kept up to date.
func Apply(root string, edits []Edit) (map[string]string, error) {
	files := map[string]string{}
	for _, e := range edits {
		file, err := filepath.Abs(filepath.Join(root, e.File))
		if err != nil {
			return nil, err
		}
		if files[file] == "" {
			source, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			files[file] = string(source)
		}
		if found := strings.Count(files[file], e.Sound); found != 1 {
			return nil, fmt.Errorf("%s has %d times:\n%s\nthe list of edits is out of date", e.File, found, e.Sound)
		}
		files[file] = strings.Replace(files[file], e.Sound, e.Other, 1)
	}
	return files, nil
}

// Go runs the go command in the working directory with some files replaced: "build", or "test",
// with its arguments. What it needs for that it leaves in dir.
func Go(dir string, files map[string]string, command string, args ...string) error {
	replace := map[string]string{}
	for file, content := range files {
		replace[file] = filepath.Join(dir, fmt.Sprintf("edited%d.go", len(replace)))
		if err := os.WriteFile(replace[file], []byte(content), 0o600); err != nil {
			return err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, list, 0o600); err != nil {
		return err
	}
	args = append([]string{command, "-buildvcs=false", "-overlay", name}, args...)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
