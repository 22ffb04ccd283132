package isp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// directoryReader decodes a stored directory. It converts each client before it decodes the next
// one, because all records at once would take as much memory as the directory.
type directoryReader struct {
	json    *json.Decoder
	convert *converter
	pace    *workPace
	record  directoryRecord
	clients []*Client
}

// read reads the whole of the data.
func (r *directoryReader) read() error {
	if isObject, err := r.open('{'); err != nil || !isObject {
		return err
	}
	for r.json.More() {
		name, err := r.json.Token()
		if err == nil {
			err = r.readField(name)
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.json.Token(); err != nil { // the closing brace
		return err
	}
	if _, err := r.json.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the directory")
	}
	return nil
}

// open reads the beginning of a list or an object. It returns false for null.
func (r *directoryReader) open(want json.Delim) (bool, error) {
	token, err := r.json.Token()
	if err != nil || token == nil {
		return false, err
	}
	if token != want {
		return false, fmt.Errorf("found %v, want %v", token, want)
	}
	return true, nil
}

// readField reads the value of a field. It skips unknown ones.
func (r *directoryReader) readField(name json.Token) error {
	switch name {
	case "asOf":
		return r.json.Decode(&r.record.AsOf)
	case "lasts":
		return r.json.Decode(&r.record.FreshFor)
	case "readings":
		return r.json.Decode(&r.record.Crawls)
	case "plans":
		return r.readList(&r.record.Plans)
	case "zones":
		return r.readList(&r.record.Zones)
	case "routers":
		return r.readList(&r.record.Routers)
	case "sectors":
		return r.readList(&r.record.Sectors)
	case "staff":
		return r.readList(&r.record.Staff)
	case "clients":
		return r.readClients()
	}
	return r.json.Decode(new(json.RawMessage))
}

// errLateList means that clients came before the records they refer to.
var errLateList = errors.New("a list follows the clients that refer to it")

func (r *directoryReader) readList(list any) error {
	if len(r.clients) > 0 {
		return errLateList
	}
	return r.json.Decode(list)
}

// readClients leaves out rows without an id.
func (r *directoryReader) readClients() error {
	if isList, err := r.open('['); err != nil || !isList {
		return err
	}
	var row clientRecord // one for all, because Decode moves it to the heap
	for r.json.More() {
		row = clientRecord{}
		if err := r.json.Decode(&row); err != nil {
			return err
		}
		if row.ID > 0 {
			r.clients = append(r.clients, r.convert.fromRecord(&row, &r.record))
		}
		r.pace.step()
	}
	_, err := r.json.Token() // the closing bracket
	return err
}
