package isp

import "bytes"

// repeatedTexts are the texts that many clients have in common.
func repeatedTexts(c *Client) []*string {
	return []*string{
		(*string)(&c.Locality), (*string)(&c.City), &c.StatusLabel, (*string)(&c.CutOffDate), &c.CutOffText,
		(*string)(&c.LocalIP), (*string)(&c.LANInterface),
	}
}

// ownTexts are the texts that few other clients have.
func ownTexts(c *Client) []*string {
	return []*string{
		&c.ID, (*string)(&c.Username), &c.Name, (*string)(&c.Document), (*string)(&c.Email), (*string)(&c.Phone),
		(*string)(&c.Address), (*string)(&c.IP), (*string)(&c.MACAddress), (*string)(&c.ONUSerial), (*string)(&c.Comments),
	}
}

// textBlock puts the texts of one client into one piece of memory, so that the garbage collector has
// fewer objects to look at. Clients do not share a piece: one that stays for years would keep the
// texts of all others. The zero value is empty. A textBlock is not safe for concurrent use.
type textBlock struct {
	bytes  []byte
	places []textPlace
	wanted []byte
}

// textPlace is where a text is in the block.
type textPlace struct {
	text     *string
	from, to int
}

func (b *textBlock) reset() {
	clear(b.places) // they would keep the last client
	b.bytes, b.places = b.bytes[:0], b.places[:0]
}

// place makes finish set the text to a part of the block.
func (b *textBlock) place(text *string, from, to int) {
	b.places = append(b.places, textPlace{text, from, to})
}

func (b *textBlock) append(text *string, value []byte) {
	b.bytes = append(b.bytes, value...)
	b.place(text, len(b.bytes)-len(value), len(b.bytes))
}

// add adds the text, unless the block has it already: a document or a phone of digits is in the
// search text, too.
func (b *textBlock) add(text *string) {
	b.wanted = append(b.wanted[:0], *text...)
	if at := bytes.Index(b.bytes, b.wanted); at >= 0 {
		b.place(text, at, at+len(b.wanted))
		return
	}
	b.append(text, b.wanted)
}

// finish sets all texts.
func (b *textBlock) finish() {
	whole := string(b.bytes)
	for _, place := range b.places {
		*place.text = whole[place.from:place.to]
	}
	b.reset()
}
