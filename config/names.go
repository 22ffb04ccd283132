package config

import (
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// fileSuffix ends the name of a variable that names the file of a secret.
const fileSuffix = "_FILE"

// variables returns the names of all variables that [Load] reads, in the field order of Settings.
func variables() []string {
	var names []string
	for field := range reflect.TypeFor[Settings]().Fields() {
		name := field.Tag.Get("env")
		if name == "" {
			continue
		}
		names = append(names, name)
		if field.Type == reflect.TypeFor[Secret]() {
			names = append(names, name+fileSuffix)
		}
	}
	return names
}

// unknownNames returns the names among the variables that are no settings, sorted.
func unknownNames(among map[string]string) []string {
	known := variables()
	var unknown []string
	for name := range among {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// nearestName returns the setting whose name takes the fewest edits to reach from name, ignoring
// case.
func nearestName(name string) string {
	nearest, fewest := "", math.MaxInt
	for _, known := range variables() {
		if edits := levenshtein.ComputeDistance(strings.ToUpper(name), known); edits < fewest {
			nearest, fewest = known, edits
		}
	}
	return nearest
}
