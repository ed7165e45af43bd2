/** The documents of a response that has one on each line, such as that of `/events`, as they arrive. */
export async function* documentsIn<Document>(response: AsyncIterable<unknown>): AsyncGenerator<Document> {
  let text = '';
  for await (const chunk of response) {
    const lines = (text + String(chunk)).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as Document;
  }
}
