/** A file as text: gzip, then base64. */
declare module '*?packed' {
  const text: string;
  export default text;
}

/** The sample as text: base64. */
declare module 'virtual:sample' {
  const text: string;
  export default text;
}
