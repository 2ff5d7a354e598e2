/** A file as text: gzip, then base64. */
declare module '*?packed' {
  const text: string;
  export default text;
}

/** The sample as text, a letter for each byte. */
declare module 'virtual:sample' {
  const text: string;
  export default text;
}
