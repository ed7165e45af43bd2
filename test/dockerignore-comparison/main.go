// Prints which files of a folder the provider's builder sends, for each rule file on the standard input. Both are JSON,
// one document per line.
package main

import (
	"archive/tar"
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/docker/cli/cli/command/image/build"
	"github.com/moby/go-archive"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type question struct {
	Rules      string `json:"rules"`
	Dockerfile string `json:"dockerfile"`
}

type answer struct {
	Files   []string `json:"files"`
	Problem string   `json:"problem,omitempty"`
}

func main() {
	folder := os.Args[1]
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		a := answer{Files: []string{}}
		files, err := send(folder, q)
		if err != nil {
			a.Problem = err.Error()
		} else {
			a.Files = append(a.Files, files...)
		}
		if err := out.Encode(a); err != nil {
			panic(err)
		}
	}
}

// send does what prepareBuildContext of kreuzwerker/docker does.
func send(folder string, q question) ([]string, error) {
	excludes, err := ignorefile.ReadAll(strings.NewReader(q.Rules))
	if err != nil {
		return nil, err
	}
	if err := check(excludes); err != nil {
		return nil, err
	}
	excludes = build.TrimBuildFilesFromExcludes(excludes, q.Dockerfile, false)
	context, err := archive.TarWithOptions(folder, &archive.TarOptions{ExcludePatterns: excludes})
	if err != nil {
		return nil, err
	}
	defer context.Close()
	var files []string
	for reader := tar.NewReader(context); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if header.Typeflag != tar.TypeDir {
			files = append(files, header.Name)
		}
	}
}

// check finds the rules on which the matcher fails only when it gets to them, in version 0.6.0 with a panic.
func check(rules []string) error {
	for _, rule := range rules {
		matcher, err := patternmatcher.New([]string{rule})
		if err != nil {
			return err
		}
		if len(matcher.Patterns()) == 0 || !matcher.Exclusions() {
			if _, err := matcher.MatchesOrParentMatches("x"); err != nil {
				return err
			}
			continue
		}
		// An exception is compiled only for a path that another rule excludes.
		matcher, err = patternmatcher.New([]string{"**", rule})
		if err != nil {
			return err
		}
		if _, err := matcher.MatchesOrParentMatches("x"); err != nil {
			return err
		}
	}
	return nil
}
